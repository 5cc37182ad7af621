import { config, disableAutoUnmount, enableAutoUnmount } from '@vue/test-utils'
import { afterEach, beforeEach, vi } from 'vitest'

import { i18n, useLanguage, useWords } from '@/i18n'

config.global.plugins = [i18n]
config.global.stubs = { RouterLink: { template: '<a><slot /></a>' } }

disableAutoUnmount() // this runs again for every file
enableAutoUnmount(afterEach)
afterEach(() => vi.unstubAllGlobals())

beforeEach(async () => {
  await useLanguage('zh-hans')
  await useWords('admin')
})
