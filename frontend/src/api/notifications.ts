import { http } from './http'
import type { components } from './schema'

type Schemas = components['schemas']
export type Notification = Schemas['Notification']
export type NotificationList = Schemas['NotificationList']

export const notifications = {
  list: (query: { unread?: boolean; limit?: number; cursor?: string | null }) =>
    http.get<NotificationList>('notifications', { query }),
  /** Marks these as read, or all. */
  read: (which: number[] | 'all') =>
    http.post<Schemas['ReadOutput']>('notifications/read', {
      body: which === 'all' ? { all: true } : { ids: which },
    }),
}
