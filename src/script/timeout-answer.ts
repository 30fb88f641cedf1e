/** Seconds, as a script answers the `timeout` command. */
export interface TimeoutAnswer {
  timeout: number | undefined;
  interval: number | undefined;
}

/**
 * Reads what a script printed for `timeout`: one JSON object, `{"timeout": 30, "interval": 5}`, either member optional.
 *
 * @returns undefined when the text is no such answer
 */
export function parseTimeoutAnswer(text: string): TimeoutAnswer | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    return undefined;
  }
  const { timeout, interval } = answer as Record<string, unknown>;
  if (!isSeconds(timeout, 0) || !isSeconds(interval, 0.1) || (timeout ?? interval) === undefined) {
    return undefined;
  }
  return { timeout, interval };
}

function isSeconds(value: unknown, minimum: number): value is number | undefined {
  return (
    value === undefined ||
    (typeof value === 'number' && Number.isFinite(value) && value >= minimum && value <= 86_400)
  );
}
