import { createI18n } from 'vue-i18n'

import zh from './locales/zh-CN.json'

export type Language = 'zh-hans' | 'en'
export type LocaleName = 'zh-CN' | 'en'

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN' as LocaleName,
  fallbackLocale: 'zh-CN',
  missingWarn: false,
  fallbackWarn: false,
  messages: { 'zh-CN': zh } as Record<string, typeof zh>,
})

export function localeOf(language: Language): LocaleName {
  return language === 'en' ? 'en' : 'zh-CN'
}

/** What the browser asks for, until we know who is here. */
export function browserLanguage(): Language {
  const first = navigator.languages[0] ?? navigator.language
  return first.toLowerCase().startsWith('zh') ? 'zh-hans' : 'en'
}

/** Switches everything that is read or heard: messages, `lang`, and what the API answers in. */
export async function useLanguage(language: Language): Promise<void> {
  const locale = localeOf(language)
  if (locale === 'en' && !i18n.global.availableLocales.includes('en')) {
    const messages = await import('./locales/en.json')
    i18n.global.setLocaleMessage('en', messages.default as unknown as typeof zh)
  }
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
}
