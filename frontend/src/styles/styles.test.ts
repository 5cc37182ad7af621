import { readdirSync, readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { BREAKPOINTS } from './breakpoints'

interface Declaration {
  file: string
  name: string
  value: string
}

const read = (file: string) => readFileSync(file, 'utf8')
const stylesOf = (file: string) =>
  file.endsWith('.css')
    ? read(file)
    : [...read(file).matchAll(/<style[^>]*>(.*?)<\/style>/gs)].map((match) => match[1]).join('\n')

const STYLES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(css|vue)$/.test(name) && name !== 'styles/tokens.css')
  .map((name) => ({ file: name, text: stylesOf(`src/${name}`) }))
const DECLARATIONS: Declaration[] = STYLES.flatMap(({ file, text }) =>
  [...text.matchAll(/^\s*([\w-]+):\s*([^;{}]+);/gm)].map((match) => ({
    file,
    name: match[1] ?? '',
    value: match[2] ?? '',
  })),
)
const where = (name: RegExp) => DECLARATIONS.filter((one) => name.test(one.name))

/** The pixel numbers in a value, except those inside `calc()`. */
const pixels = (value: string) =>
  value.includes('calc(') ? [] : [...value.matchAll(/(\d+)px/g)].map((match) => Number(match[1]))

describe('styles', () => {
  it('take sizes of type from the scale', () => {
    const literal = where(/^(font|font-size|line-height)$/)
    expect(literal.length).toBeGreaterThan(100)
    // A line height as large as a touch target is a size of its control, not of its text.
    expect(literal.filter(({ value }) => pixels(value).some((size) => size < 40))).toEqual([])
  })

  it('take space from the scale, but for hairlines and for what stands aside for a bar', () => {
    const literal = where(/^((row-|column-)?gap|(padding|margin)(-[a-z-]+)?)$/)
    expect(literal.length).toBeGreaterThan(100)
    const loose = literal.filter(({ value }) => pixels(value).some((px) => px > 1 && px < 40))
    expect(loose).toEqual([])
  })

  it('use only tokens that exist', () => {
    const known = new Set(read('src/styles/tokens.css').match(/--[\w-]+(?=:)/g))
    const used = DECLARATIONS.flatMap(({ file, value }) =>
      [...value.matchAll(/var\((--(?:font|leading|space)-\w+)/g)].map(({ 1: token }) => ({
        file,
        token,
      })),
    )
    expect(used.filter(({ token }) => !known.has(token ?? ''))).toEqual([])
  })

  it('change the layout at breakpoints that have a name', () => {
    const asked = STYLES.flatMap(({ file, text }) =>
      [...text.matchAll(/@(?:media|container)([^{]+)\{/g)].map((match) => ({
        file,
        query: match[1] ?? '',
      })),
    )
    expect(asked.length).toBeGreaterThan(20)
    const names = new Set(Object.keys(BREAKPOINTS))
    const unknown = asked.filter(
      ({ query }) =>
        /(width|height)/.test(query) ||
        [...query.matchAll(/\(--([\w-]+)\)/g)].some(({ 1: name }) => !names.has(name ?? '')),
    )
    expect(unknown).toEqual([])
  })
})
