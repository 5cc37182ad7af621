import { http } from './http'
import type { Me } from './types'

export const auth = {
  me: () => http.get<Me>('me'),
  login: (username: string, password: string) =>
    http.post<unknown>('auth/login', { body: { username, password } }),
  logout: () => http.post<undefined>('auth/logout'),
  setLanguage: (language: Me['language']) => http.patch<Me>('me', { body: { language } }),
}

/** The URL of the silent WeCom log-in; it returns to `next`, a path of this site. */
export function wecomLoginUrl(next: string): string {
  return `/wecom/login?next=${encodeURIComponent(next)}`
}
