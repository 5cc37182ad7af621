import type { Plugin } from 'postcss'

import { BREAKPOINTS } from '../src/styles/breakpoints.ts'

/** Writes the width in place of the name: `@media (--phone)` becomes `@media (width < 768px)`. */
export function breakpoints(): Plugin {
  const widths = new Map(Object.entries(BREAKPOINTS))
  return {
    postcssPlugin: 'breakpoints',
    AtRule: {
      media(rule) {
        rule.params = rule.params.replace(/\(--([\w-]+)\)/g, (_, name: string) => {
          const width = widths.get(name)
          if (!width) throw rule.error(`There is no breakpoint --${name}.`)
          return width
        })
      },
    },
  }
}
