import type { RequestHandler } from "./kernel.ts";

/** Answers comm_info_request: the open comms. */
export const commInfoRequest: RequestHandler = ({ content }, { comms }) =>
  comms.info(typeof content.target_name === "string" ? content.target_name : undefined);

/** The front end opens a comm. */
export const commOpen: RequestHandler = ({ content }, { comms }) => {
  comms.opened(String(content.comm_id), String(content.target_name), content.data);
  return null;
};

/** The front end sends on a comm. */
export const commMessage: RequestHandler = ({ content, buffers }, { comms }) => {
  comms.received(String(content.comm_id), content.data, buffers);
  return null;
};

/** The front end closes a comm. */
export const commClose: RequestHandler = ({ content }, { comms }) => {
  comms.closed(String(content.comm_id), content.data);
  return null;
};
