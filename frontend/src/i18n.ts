import { createI18n } from 'vue-i18n'

import { pairs } from './locales/pairs'
import zh from './locales/zh-CN.json'

export type Language = 'zh-hans' | 'en'
export type LocaleName = 'zh-CN' | 'en'

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN' as LocaleName,
  fallbackLocale: 'zh-CN',
  missingWarn: false,
  fallbackWarn: false,
  messages: { 'zh-CN': { ...zh, ...pairs('zh-CN') } } as Record<string, typeof zh>,
})

export function localeOf(language: Language): LocaleName {
  return language === 'en' ? 'en' : 'zh-CN'
}

/** The browser's language, until it is known who is logged in. */
export function browserLanguage(): Language {
  const first = navigator.languages[0] ?? navigator.language
  return first.toLowerCase().startsWith('zh') ? 'zh-hans' : 'en'
}

/** The texts of one part of the app, loaded with its pages. */
const PARTS = {
  admin: {
    'zh-CN': () => import('./locales/admin.zh-CN.json'),
    en: () => import('./locales/admin.en.json'),
  },
}
export type Part = keyof typeof PARTS
const inUse = new Set<Part>()

/** Resolves when the texts of this part are loaded in the current language. */
export async function useWords(
  part: Part,
  locale = i18n.global.locale.value as LocaleName,
): Promise<void> {
  inUse.add(part)
  const words = await PARTS[part][locale]()
  i18n.global.mergeLocaleMessage(locale, words.default)
}

/** Switches the language of texts, of the `lang` attribute, and of the API's answers. */
export async function useLanguage(language: Language): Promise<void> {
  const locale = localeOf(language)
  if (locale === 'en' && !i18n.global.availableLocales.includes('en')) {
    const messages = await import('./locales/en.json')
    const words = { ...messages.default, ...pairs('en') }
    i18n.global.setLocaleMessage('en', words as unknown as typeof zh)
  }
  await Promise.all([...inUse].map((part) => useWords(part, locale)))
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
}
