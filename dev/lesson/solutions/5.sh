#!/usr/bin/env bash
# Generates the stage, then writes its transformation, the table and the join. Afterwards: npm install && npx nx sync.
set -euo pipefail
npx nx generate @user-behaviour/nx-plugin:job stage-ratings --reads=user_purchase/stage --writes=customer_rating/load
git apply --whitespace=nowarn docs/adding-a-stage/second-vendor-file.patch
