// So that `npx boletia-streams …` at the root of the repository works on the Boletia example.
export { default } from './examples/boletia/boletia-streams.config.js'
