import type { LiveSession } from "../session/live-session.ts";
import type { SessionTypes } from "../types/session-types.ts";
import type { ExecutionState } from "../wire/execution-state.ts";
import type { Request } from "../wire/message.ts";
import type { WireLink } from "../wire/wire-link.ts";
import type { CellRun } from "./cell-run.ts";
import type { Comms } from "./comms.ts";
import type { History } from "./history-store.ts";
import type { InputAnswers } from "./input-answers.ts";

/** All that requests work on. */
export interface Kernel {
  readonly wire: WireLink;
  readonly session: LiveSession;
  readonly types: SessionTypes;
  readonly state: ExecutionState;
  readonly history: History;
  readonly comms: Comms;
  readonly answers: InputAnswers;
  /** The number of the last cell that was counted. */
  executionCount: number;
  /** The running number of the last execution, silent ones included. */
  executions: number;
  /** The execution under way, or the last one: what no cell can be told for belongs to it. */
  run: CellRun | null;
  /** Requests of the shell channel that wait for their turn. */
  readonly waiting: Request[];
}

/** Answers one type of request: returns the content of the reply, or null when there is none. */
export type RequestHandler = (request: Request, kernel: Kernel) => Promise<object | null> | object | null;
