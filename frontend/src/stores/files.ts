import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'

import type { Attachment } from '@/api/types'

/** File id → name and size, of files uploaded here and of open tickets. */
export const useFiles = defineStore('files', () => {
  const met = shallowReactive(new Map<string, Attachment>())

  function learn(files: readonly Attachment[]): void {
    for (const file of files) met.set(file.id, file)
  }

  return { learn, file: (id: string): Attachment | undefined => met.get(id) }
})
