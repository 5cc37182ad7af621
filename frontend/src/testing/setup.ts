import { config } from '@vue/test-utils'
import { beforeEach } from 'vitest'

import { i18n, useLanguage } from '@/i18n'

config.global.plugins = [i18n]
config.global.stubs = { RouterLink: { template: '<a><slot /></a>' } }

beforeEach(() => useLanguage('zh-hans'))
