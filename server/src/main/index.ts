export { allCodes, codeTables } from './codes.ts';
export { mainCommands } from './commands.ts';
export { allMigrations } from './compose/database.ts';
export { type Demo, startDemo } from './demo-parts.ts';
export { type Folders, foldersOf } from './folders.ts';
export { loadConfig } from './load-config.ts';
export { createLogger, type Logger } from './logger.ts';
export { type Seams, type Server, startServer } from './server.ts';
export { type Config, configJsonSchema, configMarkdown, settings } from './settings.ts';
