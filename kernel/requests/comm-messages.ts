import { runInCell } from "../session/current-cell.ts";
import { toCellError } from "../session/traceback.ts";
import type { Request } from "../wire/message.ts";
import { CellRun } from "./cell-run.ts";
import type { Kernel, RequestHandler } from "./kernel.ts";

/** Answers comm_info_request: the open comms. */
export const commInfoRequest: RequestHandler = ({ content }, { comms }) =>
  comms.info(typeof content.target_name === "string" ? content.target_name : undefined);

/** The front end opens a comm. */
export const commOpen: RequestHandler = (request, kernel) => {
  const { comm_id, target_name, data } = request.content;
  return listen(request, kernel, () => kernel.comms.opened(String(comm_id), String(target_name), data));
};

/** The front end sends on a comm. */
export const commMessage: RequestHandler = (request, kernel) => {
  const { comm_id, data } = request.content;
  return listen(request, kernel, () => kernel.comms.received(String(comm_id), data, request.buffers));
};

/** The front end closes a comm. */
export const commClose: RequestHandler = (request, kernel) => {
  const { comm_id, data } = request.content;
  return listen(request, kernel, () => kernel.comms.closed(String(comm_id), data));
};

/** Runs what a cell has registered, which may throw or loop; what it says belongs to the message that it answers. */
function listen(request: Request, { wire, session }: Kernel, run: () => void): null {
  const cell = new CellRun(request, wire, session, 0, false);
  try {
    session.inspector.protect(() => runInCell(cell, run));
  } catch (error) {
    cell.stream("stderr", `${toCellError(error, session.scripts).traceback.join("\n")}\n`);
  }
  cell.flush();
  return null;
}
