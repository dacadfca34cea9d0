import { createHmac, getHashes, timingSafeEqual } from "node:crypto";

/** Signs the four JSON frames of a message, or checks a signature. An empty key means that nothing is signed. */
export interface Signer {
  sign(frames: readonly (string | Uint8Array)[]): string;
  verify(signature: string, frames: readonly (string | Uint8Array)[]): boolean;
}

/**
 * A signer for a connection's key and scheme, such as `hmac-sha256`.
 * @throws Error for a scheme that this machine cannot compute.
 */
export function createSigner(key: string, scheme: string): Signer {
  if (key === "") return { sign: () => "", verify: () => true };
  const algorithm = scheme.startsWith("hmac-") ? scheme.slice("hmac-".length) : "";
  if (!getHashes().includes(algorithm)) {
    throw new Error(`The signature scheme "${scheme}" is not known; Jupyter uses hmac-sha256`);
  }
  const sign = (frames: readonly (string | Uint8Array)[]): string => {
    const hmac = createHmac(algorithm, key);
    for (const frame of frames) hmac.update(frame);
    return hmac.digest("hex");
  };
  return {
    sign,
    verify(signature, frames) {
      const expected = Buffer.from(sign(frames));
      const given = Buffer.from(signature);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
