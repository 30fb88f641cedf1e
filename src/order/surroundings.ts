import type { Log } from '../log.ts';
import type { Timeline } from '../timeline.ts';

/** What surrounds the proof of names, as plain values. */
export interface SolverSurroundings {
  /** The environment of the process, from which the script's is made. */
  environment: NodeJS.ProcessEnv;
  journalFile: string;
  log: Log;
  timeline: Timeline;
  /** Aborted when the run is cancelled. */
  signal: AbortSignal;
}
