/** The package `drover` as a module: the client, and `defineHandlers` for the worker's side. The command is `main.ts`. */
export * from '@drover/client';
