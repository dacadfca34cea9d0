import type { StoreContents } from "./manifest-view.ts";
import type { Manifest } from "./store-manifest.ts";

/** Looks at what a store has while no other writer can change it; throws to keep a change from being made. */
export type ContentsCheck = (contents: StoreContents) => void;

/** What is committed of a store, and how that is changed. */
export interface Commits {
  /** What was last committed. */
  manifest(): Manifest;
  /** Changes what is committed; `change` sees the newest manifest and gives the next, or null to leave it. */
  commit(change: (before: Manifest) => Manifest | null): Promise<Manifest>;
  contents(manifest: Manifest): StoreContents;
}
