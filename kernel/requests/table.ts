import { commClose, commInfoRequest, commMessage, commOpen } from "./comm-messages.ts";
import { completeRequest } from "./complete.ts";
import { executeRequest } from "./execute.ts";
import { historyRequest } from "./history.ts";
import { inspectRequest } from "./inspect.ts";
import { isCompleteRequest } from "./is-complete.ts";
import type { RequestHandler } from "./kernel.ts";
import { kernelInfo } from "./kernel-info.ts";

/** Which file answers which type of message. The wire thread answers interrupts and shutdowns by itself. */
export const requestTable: ReadonlyMap<string, RequestHandler> = new Map<string, RequestHandler>([
  ["kernel_info_request", kernelInfo],
  ["execute_request", executeRequest],
  ["is_complete_request", isCompleteRequest],
  ["complete_request", completeRequest],
  ["inspect_request", inspectRequest],
  ["history_request", historyRequest],
  ["comm_info_request", commInfoRequest],
  ["comm_open", commOpen],
  ["comm_msg", commMessage],
  ["comm_close", commClose],
]);
