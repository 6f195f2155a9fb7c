// node --import register.mjs: the library with one module swapped for the mutant that BOLETIA_MUTANT names.
import { register } from 'node:module'

register('./hooks.mjs', import.meta.url, { data: { mutant: process.env.BOLETIA_MUTANT } })
