import type { RouteRecordRaw } from 'vue-router'

import type { Me } from '@/api/types'

type Page = () => Promise<unknown>

/** A right that a role grants; `me.permissions` lists the rights of the logged-in person. */
export type Right =
  'templates.publish' | 'automation.operate' | 'automation.actions' | 'automation.credentials'

/** One section of the administration. Its texts are `admin.section.KEY` and `admin.explain.KEY`. */
export interface AdminSection {
  key: string
  /** Any one of these rights opens it. */
  rights: Right[]
  /** Path below the section → its page; the empty path is the section's first page. */
  pages: Record<string, Page>
}

/** All sections, in the order of the navigation. A new section is a new entry. */
export const SECTIONS: AdminSection[] = [
  {
    key: 'templates',
    rights: ['templates.publish'],
    pages: {
      '': () => import('@/views/admin/TemplatesView.vue'),
      ':template': () => import('@/views/admin/TemplateView.vue'),
    },
  },
  {
    key: 'jobs',
    rights: ['automation.operate'],
    pages: { '': () => import('@/views/admin/JobsView.vue') },
  },
  {
    key: 'hosts',
    rights: ['automation.operate'],
    pages: {
      '': () => import('@/views/admin/HostsView.vue'),
      ':name': () => import('@/views/admin/HostView.vue'),
    },
  },
  {
    key: 'groups',
    rights: ['automation.operate'],
    pages: { '': () => import('@/views/admin/GroupsView.vue') },
  },
  {
    key: 'sources',
    rights: ['automation.operate'],
    pages: { '': () => import('@/views/admin/SourcesView.vue') },
  },
  {
    key: 'actions',
    rights: ['automation.actions', 'automation.operate'],
    pages: {
      '': () => import('@/views/admin/ActionsView.vue'),
      ':action': () => import('@/views/admin/ActionView.vue'),
    },
  },
  {
    key: 'credentials',
    rights: ['automation.credentials'],
    pages: { '': () => import('@/views/admin/CredentialsView.vue') },
  },
  {
    key: 'audit',
    rights: ['automation.operate'],
    pages: { '': () => import('@/views/admin/AuditView.vue') },
  },
  {
    key: 'shells',
    rights: ['automation.operate'],
    pages: {
      '': () => import('@/views/admin/ShellsView.vue'),
      alarms: () => import('@/views/admin/ShellAlarmsView.vue'),
    },
  },
]

export const mayUse = (me: Me | null, right: Right): boolean =>
  Boolean(me && (me.is_admin || me.permissions.includes(right)))

/** The sections that this person may open. */
export const sectionsOf = (me: Me | null): AdminSection[] =>
  SECTIONS.filter(({ rights }) => rights.some((right) => mayUse(me, right)))

/** The routes of all sections, for the router. */
export function adminRoutes(): RouteRecordRaw[] {
  return SECTIONS.flatMap(({ key, pages }) =>
    Object.entries(pages).map(([path, page]) => ({
      path: path ? `${key}/${path}` : key,
      name: path ? undefined : `admin-${key}`,
      component: page as never,
      props: true,
      meta: { title: 'admin', section: key, deep: Boolean(path) },
    })),
  )
}
