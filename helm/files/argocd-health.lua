-- Health of Corral's objects for Argo CD, from their conditions. One script for every kind.
--
-- Put it into the ConfigMap argocd-cm, once per kind (the text of this file after each bar):
--
--   data:
--     resource.customizations.health.corral.dev_PluginExecution: |
--     resource.customizations.health.corral.dev_Plugin: |
--     resource.customizations.health.corral.dev_ClusterPlugin: |
--     resource.customizations.health.corral.dev_PluginPool: |
--     resource.customizations.health.corral.dev_PluginPolicy: |
--     resource.customizations.health.corral.dev_ClusterPluginPolicy: |
--
-- An execution is Healthy once it Succeeded, Degraded once it did not, Suspended while it waits for spec.suspend to go.
-- Every other kind is Healthy when Ready and Degraded when not, a pool Progressing while its pods are made: a malformed policy refuses what it is about.

local spec = obj.spec or {}
local status = obj.status or {}
local decisive = "Ready"
if obj.kind == "PluginExecution" then decisive = "Succeeded" end

-- a status about an older spec says nothing about this one, but for an execution's end, which is final
local current = obj.kind == "PluginExecution" or (status.observedGeneration or 0) >= (obj.metadata.generation or 0)

local found, working = nil, false
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == decisive then found = condition end
  if condition.type == "Reconciling" and condition.status == "True" then working = true end
end

local function health(word, fallback)
  local message = fallback
  if found ~= nil and (found.message or "") ~= "" then message = found.message end
  return { status = word, message = message }
end

if current and found ~= nil and found.status == "True" then
  return health("Healthy", decisive)
end
if current and found ~= nil and found.status == "False" and not working then
  return health("Degraded", found.reason or ("not " .. decisive))
end
if spec.suspend == true then
  return { status = "Suspended", message = "spec.suspend is true" }
end
return health("Progressing", "waiting for Corral")
