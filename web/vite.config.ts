import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { fixtureApi } from './dev/fixture-api.ts'

// HUIYING_API=http://127.0.0.1:8000 develops against a real server; without it the imagined district of dev/ answers.
const api = process.env['HUIYING_API']

export default defineConfig({
  base: '/',
  plugins: [vue(), ...(api ? [] : [fixtureApi()])],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { host: '127.0.0.1', ...(api ? { proxy: { '/api': { target: api, changeOrigin: false } } } : {}) },
  preview: { host: '127.0.0.1' },
  build: { target: 'es2022', assetsInlineLimit: 0, reportCompressedSize: true, chunkSizeWarningLimit: 700 },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.ts'] },
})
