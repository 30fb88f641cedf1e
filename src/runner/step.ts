import { asFailure, describeFailure, describeStack, type Failure } from '../failure.ts';
import { fail, isDebug, runnerLog } from './commands.ts';

/**
 * Runs a step to its end: what it throws fails the step with an annotation, the stack only with debug logging on.
 *
 * @param onFailure told of the failure as well
 */
export async function runStep(
  work: () => Promise<void>,
  onFailure: (failure: Failure) => Promise<void> = async () => {},
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const failure = asFailure(error);
    fail(failure.title, describeFailure(failure));
    if (isDebug(process.env)) {
      runnerLog.debug(describeStack(error));
    }
    await onFailure(failure);
  }
  // A socket, or a child of a script that is still open, must not hold the step.
  process.stdout.write('', () => process.exit());
}
