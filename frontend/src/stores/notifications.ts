import { defineStore } from 'pinia'
import { ref } from 'vue'

import { toApiError } from '@/api/errors'
import { notifications } from '@/api/notifications'
import { useToast } from '@/composables/screen/useToast'

/** How many notifications this person has not read. */
export const useNotifications = defineStore('notifications', () => {
  const unread = ref(0)

  /** Asks for the number; a failure leaves the old one. */
  async function refresh(): Promise<void> {
    const found = await notifications.list({ unread: true, limit: 1 }).catch(() => null)
    if (found) unread.value = found.unread
  }

  /** Marks these as read, or all; false and a toast if the server did not. */
  async function read(which: number[] | 'all'): Promise<boolean> {
    try {
      unread.value = (await notifications.read(which)).unread
      return true
    } catch (thrown) {
      useToast().show(toApiError(thrown).message, true)
      return false
    }
  }

  return { unread, refresh, read }
})
