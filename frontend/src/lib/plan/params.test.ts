import { expect, it } from 'vitest'

import { planParams } from './params'

it('keeps the order of the action, not that of the database, and drops nothing', () => {
  const params = { port: 0, version: '2.0', application: 'shop', older: true }
  const labels = { application: '应用', version: '版本', port: '端口', gone: '没有' }
  const shown = planParams(params, labels).map(({ key, label }) => `${key} ${label}`)
  expect(shown).toEqual(['application 应用', 'version 版本', 'port 端口', 'older older'])
})
