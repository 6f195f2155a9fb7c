export { type Config, type ConnectionConfig, type LogLevel, defineConfig } from './config/config.js'
