import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

import { mayUse, sectionsOf, type Right } from '@/admin/sections'
import { auth } from '@/api/auth'
import { toApiError } from '@/api/errors'
import type { Me } from '@/api/types'
import { browserLanguage, useLanguage } from '@/i18n'
import { forgetDrafts } from '@/lib/form/drafts'

/** The logged-in person. Nothing is stored in the browser except the session cookie. */
export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null)

  async function load(): Promise<Me | null> {
    try {
      const found = await auth.me()
      if (me.value && me.value.username !== found.username) forgetDrafts()
      me.value = found
      await useLanguage(found.language)
    } catch (thrown) {
      if (toApiError(thrown).status !== 401) throw thrown
      me.value = null
      await useLanguage(browserLanguage())
    }
    return me.value
  }

  async function login(username: string, password: string): Promise<void> {
    await auth.login(username, password)
    await load()
  }

  async function logout(): Promise<void> {
    await auth.logout()
    forgetDrafts()
    me.value = null
  }

  async function setLanguage(language: Me['language']): Promise<void> {
    await useLanguage(language)
    if (me.value) me.value = { ...me.value, ...(await auth.setLanguage(language)) }
  }

  /** Loads the counts of the side bar; after a failure the old ones stay. */
  async function refreshCounts(): Promise<void> {
    const found = await auth.me().catch(() => null)
    if (found && me.value) me.value = { ...me.value, counts: found.counts }
  }

  const mayReport = computed(
    () => me.value?.is_admin || me.value?.permissions.includes('reports.view') || false,
  )

  /** Whether this person has a right; administrators have all. */
  const may = (right: Right) => mayUse(me.value, right)
  const sections = computed(() => sectionsOf(me.value))

  return { me, mayReport, may, sections, load, login, logout, setLanguage, refreshCounts }
})
