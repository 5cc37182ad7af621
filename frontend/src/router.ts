import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'

import { useSession } from '@/stores/session'

import { adminRoutes } from './admin/sections'
import { i18n, useWords } from './i18n'

declare module 'vue-router' {
  interface RouteMeta {
    /** Reachable without a log-in. */
    open?: boolean
    /** Key of the page's title below `page.`. */
    title?: string
    /** A page with a back button: on a phone its own bar replaces the tab bar. */
    deep?: boolean
    /** The administration section of a page. */
    section?: string
    /** Pages with the same frame: the frame stays while they change. */
    frame?: string
  }
}

export const router = createRouter({
  history: createWebHistory('/'),
  routes: [
    {
      path: '/login',
      name: 'login',
      component: () => import('./views/LoginView.vue'),
      props: (route) => ({ next: String(route.query.next ?? '/') }),
      meta: { open: true, title: 'login' },
    },
    {
      path: '/',
      component: () => import('./components/layout/AppShell.vue'),
      children: [
        {
          path: '',
          name: 'workbench',
          component: () => import('./views/WorkbenchView.vue'),
          meta: { title: 'workbench' },
        },
        {
          path: 'templates',
          name: 'templates',
          component: () => import('./views/TemplatesView.vue'),
          meta: { title: 'templates' },
        },
        {
          path: 'templates/:template/new',
          name: 'new-ticket',
          component: () => import('./views/NewTicketView.vue'),
          props: true,
          meta: { title: 'newTicket', deep: true },
        },
        {
          path: 'tickets/:number/edit',
          name: 'edit-ticket',
          component: () => import('./views/EditTicketView.vue'),
          props: true,
          meta: { title: 'ticket', deep: true },
        },
        {
          path: 'tickets/:number',
          name: 'ticket',
          component: () => import('./views/TicketView.vue'),
          props: true,
          meta: { title: 'ticket', deep: true },
        },
        {
          path: 'lists/:box(todo|done|mine|cc|all)',
          name: 'list',
          component: () => import('./views/ListView.vue'),
          props: true,
          meta: { title: 'list' },
        },
        {
          path: 'reports/:month(\\d{4}-\\d{2})?',
          name: 'reports',
          component: () => import('./views/ReportView.vue'),
          props: true,
          meta: { title: 'reports' },
        },
        {
          path: 'jobs/:id(\\d+)',
          name: 'job',
          component: () => import('./views/JobView.vue'),
          props: ({ params }) => ({ id: Number(params.id) }),
          meta: { title: 'job', deep: true },
        },
        {
          path: 'admin',
          component: () =>
            Promise.all([import('./views/AdminView.vue'), useWords('admin')]).then(
              ([page]) => page,
            ),
          meta: { frame: 'admin' },
          children: [
            {
              path: '',
              name: 'admin',
              component: () => import('./views/admin/IndexView.vue'),
              meta: { title: 'admin' },
            },
            ...adminRoutes(),
          ],
        },
        {
          path: 'notifications',
          name: 'notifications',
          component: () => import('./views/NotificationsView.vue'),
          meta: { title: 'notifications' },
        },
        {
          path: 'settings',
          name: 'settings',
          component: () => import('./views/SettingsView.vue'),
          meta: { title: 'settings' },
        },
        {
          path: ':rest(.*)*',
          name: 'lost',
          component: () => import('./views/LostView.vue'),
          meta: { title: 'lost' },
        },
      ],
    },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

/** Starts loading a page's code while the server is still asked who is logged in. */
function fetchAhead(to: RouteLocationNormalized): void {
  for (const { components } of to.matched) {
    const page = components?.default as (() => Promise<unknown>) | undefined
    if (typeof page === 'function') page().catch(() => undefined) // the router tries again and reports errors
  }
}

router.beforeEach(async (to) => {
  const session = useSession()
  if (!session.me) fetchAhead(to)
  if (!session.me && !(await session.load()) && !to.meta.open) {
    return { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  }
  if (session.me && to.name === 'login') return { path: '/' }
  return true
})

router.afterEach((to) => {
  const page = to.params.number ?? i18n.global.t(`page.${to.meta.title ?? 'workbench'}`)
  document.title = `${String(page)} · ${i18n.global.t('app.name')}`
})
