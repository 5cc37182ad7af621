import './styles/tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './theme'

import { createPinia } from 'pinia'
import { createApp } from 'vue'

import { onLoggedOut } from './api/http'
import App from './App.vue'
import { i18n } from './i18n'
import { router } from './router'
import { useSession } from './stores/session'

const app = createApp(App).use(createPinia()).use(i18n).use(router)

onLoggedOut(() => {
  const session = useSession()
  const here = router.currentRoute.value
  if (!session.me || here.meta.open) return
  session.me = null
  void router.replace({ name: 'login', query: { next: here.fullPath, expired: '1' } })
})

app.mount('#app')
