export * from "mathjs-full";
