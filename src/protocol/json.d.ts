/** Bundlers put JSON in place; tsc need not know where it lies. */
declare module '*.json' {
  const content: unknown;
  export default content;
}
