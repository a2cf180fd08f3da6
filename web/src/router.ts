import { createRouter, createWebHashHistory } from 'vue-router'
import { askSession, asked, loadMeta, meta, session, unreachable } from './state/session'
import BoardView from './views/BoardView.vue'

export const router = createRouter({
  history: createWebHashHistory(),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: '/', name: 'board', component: BoardView },
    { path: '/incidents/:id', name: 'incident', component: () => import('./views/IncidentView.vue'), props: true },
    { path: '/cases', name: 'inbox', component: () => import('./views/InboxView.vue') },
    { path: '/cases/:id', name: 'case', component: () => import('./views/CaseView.vue'), props: true },
    { path: '/posts', name: 'posts', component: () => import('./views/PostsView.vue') },
    { path: '/screens', name: 'screens', component: () => import('./views/ScreensView.vue') },
    { path: '/publish', name: 'publish', component: () => import('./views/PublishView.vue') },
    { path: '/pair', name: 'pair', component: () => import('./views/PairView.vue'), meta: { open: true } },
    { path: '/reports/:id?', name: 'reports', component: () => import('./views/ReportsView.vue'), props: true },
    { path: '/manage/:section?', name: 'manage', component: () => import('./views/ManageView.vue'), props: true },
    { path: '/login', name: 'login', component: () => import('./views/LoginView.vue'), meta: { open: true } },
    { path: '/setup', name: 'setup', component: () => import('./views/SetupView.vue'), meta: { open: true } },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})

/** Everything but login and setup needs a session; where the reader wanted to go is kept. A dead server is no logout. */
router.beforeEach(async (to) => {
  try {
    if (!asked.value) await askSession()
    if (meta.value === null) await loadMeta()
  } catch (error) {
    unreachable.value = error
    return true
  }
  unreachable.value = null
  if (to.meta['open'] || session.value !== null) return true
  return { name: 'login', query: { next: to.fullPath } }
})
