import { http, urlOf } from './http'
import type { components } from './schema'
import type { Page } from './types'

type Schemas = components['schemas']
export type ShellLine = Schemas['ShellLineOutput']
export type ShellHost = Schemas['ShellHostOutput']
export type ShellAlarm = Schemas['ShellAlarmOutput']
export type ShellWord = Omit<Schemas['ShellWordOutput'], 'form'> & { form: Fills }
export type ShellWordInput = Schemas['ShellWordInputRequest']
/** How a field of the ticket is filled: from the alarm, or with a fixed value. */
export type Fill = Schemas['FillInputRequest']
export type Fills = Record<string, Fill>
export type FactName = NonNullable<Fill['from']>

/** Filters of the record of commands. */
export const SHELL_FILTERS = ['host', 'user', 'session', 'q', 'from', 'to'] as const
export type ShellQuery = Partial<Record<(typeof SHELL_FILTERS)[number], string>>
export const ALARM_FILTERS = ['host', 'word'] as const
export type AlarmQuery = Partial<Record<(typeof ALARM_FILTERS)[number], string>>
type Paged = { limit?: number; cursor?: string | null }

export const shells = {
  lines: (query: ShellQuery & Paged) =>
    http.get<Page<ShellLine>>('shell/lines', { query: { ...query } }),
  /** The download URL of the filtered record. */
  file: (query: ShellQuery, format: 'csv' | 'xlsx') =>
    urlOf('shell/lines/export', { ...query, format }),
  hosts: () => http.get<Page<ShellHost>>('shell/hosts'),
  alarms: (query: AlarmQuery & Paged) =>
    http.get<Page<ShellAlarm>>('shell/alarms', { query: { ...query } }),
  words: () => http.get<Page<ShellWord>>('shell/words'),
  addWord: (body: ShellWordInput, key: string) =>
    http.post<ShellWord>('shell/words', { body, key }),
  changeWord: (id: number, body: ShellWordInput, key: string) =>
    http.patch<ShellWord>(`shell/words/${id}`, { body, key }),
  removeWord: (id: number, key: string) => http.delete(`shell/words/${id}`, { key }),
}
