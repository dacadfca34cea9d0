import { stopLeftKernels } from "./kernel/wire-client.ts";

/** A kernel that a failed test has left would keep the whole run from ending. */
export const mochaHooks = { afterAll: stopLeftKernels };
