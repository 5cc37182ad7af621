import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { pairs } from './pairs'

/** As it is in the file: the app merges texts into what it imports. */
const read = (name: string) =>
  JSON.parse(readFileSync(`src/locales/${name}.json`, 'utf8')) as object
const [zh, adminZh] = [read('zh-CN'), read('admin.zh-CN')]
const [en, adminEn] = [read('en'), read('admin.en')]

function flat(node: object, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'string') found.set(path + key, value)
    else for (const entry of flat(value as object, `${path}${key}.`)) found.set(...entry)
  }
  return found
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return /\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [path] : []
  })
}

/** The texts that are loaded at the start and those loaded later: together they must be complete. */
const [own, part] = [flat({ ...zh, ...pairs('zh-CN') }), flat(adminZh)]
const [chinese, english] = [
  new Map([...own, ...part]),
  new Map([...flat({ ...en, ...pairs('en') }), ...flat(adminEn)]),
]
const slots = (words = '') => [...new Set(words.match(/\{\w+\}/g))].sort()

describe('locales', () => {
  it('say no word in two places', () => {
    expect([...part.keys()].filter((key) => own.has(key))).toEqual([])
  })

  it('say the same things in both languages', () => {
    expect([...english.keys()]).toEqual([...chinese.keys()])
  })

  it('leave nothing empty', () => {
    expect([...chinese, ...english].filter(([, words]) => !words.trim())).toEqual([])
  })

  it('name the same values in both languages', () => {
    const differing = [...chinese].filter(
      ([key, words]) => slots(words).join() !== slots(english.get(key)).join(),
    )
    expect(differing).toEqual([])
  })

  it('hold every word the app asks for', () => {
    const asked = sources('src').flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\bt\(\s*'([\w.]+)'/g)].map(
        (match) => match[1] ?? '',
      ),
    )
    expect(asked.length).toBeGreaterThan(100)
    expect(asked.filter((key) => !chinese.has(key))).toEqual([])
  })
})
