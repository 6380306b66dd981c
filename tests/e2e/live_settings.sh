#!/bin/bash
# What is set for a livestream arrives at YouTube and Facebook, can be changed there, and what cannot be is told; what is
# wrong is refused before anything is sent.
. "${0%/*}/../lib/e2e.bash"

start_sim --encoder manual
connect youtube
connect facebook
fields() { curl -sf "$ECCLESIA_SIM/_sim/objects?platform=$1" | jq -c '[.[] | select(.deleted == false and (.kind == "broadcast" or .kind == "live_video"))][0].fields'; }
has() { fields "$1" >"$work/objects"; [ "$(jq "$2" <"$work/objects")" = true ] || fail "$1: not so: $2: $(cat "$work/objects")"; }
sent() { curl -sf "$ECCLESIA_SIM/_sim/requests" | jq "[.[] | select(.method != \"GET\" and (.path | startswith(\"/_sim\") | not)$1)] | length"; }
printf '\x89PNG\r\n\x1a\n0123456789' >"$work/poster.png"
before=$(sent '')

# Wrong ones, one by one: nothing is sent.
for wrong in youtube:category=faith youtube:tags='a<b' youtube:language=english youtube:license=gpl youtube:privacy=friends \
    youtube:latency=fast youtube:captions=yes youtube:delay=61 youtube:projection=180 facebook:age=5 facebook:countries=uk \
    facebook:content_tags=church facebook:crosspost=us facebook:comments=none facebook:embed=perhaps; do
    run 2 livestream create --title T --start +3d --platform "$wrong"
    key=${wrong#*:}
    err_has "\"${key%%=*}\" must be"
    err_has "${key#*=}"
done
run 2 livestream create --title T --start +3d --platform youtube --thumbnail "$work/none.png"
err_has "the thumbnail $work/none.png cannot be used: it cannot be read"
head -c 2097153 /dev/zero >"$work/big.png"
run 2 livestream create --title T --start +3d --platform youtube --thumbnail "$work/big.png"
err_has "larger than 2 MB"
[ "$(sent '')" = "$before" ] || fail "something was sent"

# All of them at once; the picture is named as seen from here.
cd "$work" || exit 1
ECCLESIA=$(cd "$OLDPWD" && realpath "$ECCLESIA")
run 0 livestream create --title "Carols" --start +3d --thumbnail poster.png --wait=30 \
    --platform youtube:privacy=unlisted,category=29,language=cy,license=creativeCommon,made_for_kids=true,latency=low,dvr=false,record_from_start=false,embed=false,captions=http,projection=360,auto_stop=true,monitor=true,delay=10,tags="carols" \
    --platform facebook:stop_on_disconnect=true,embed=false,comments=SLOW,content_tags=6003139266461,crosspost=104882011229999,countries=GB,age=13
has youtube '.status.privacyStatus == "unlisted" and .status.selfDeclaredMadeForKids'
has youtube '.contentDetails | .latencyPreference == "low" and .enableDvr == false and .recordFromStart == false and .enableEmbed == false'
has youtube '.contentDetails | .closedCaptionsType == "closedCaptionsHttpPost" and .projection == "360" and .enableAutoStop and .enableAutoStart == false'
has youtube '.contentDetails.monitorStream == {"enableMonitorStream": true, "broadcastStreamDelayMs": 10000}'
has youtube '.video == {"embeddable": false, "publicStatsViewable": true, "license": "creativeCommon", "categoryId": "29", "defaultLanguage": "cy", "defaultAudioLanguage": "cy", "tags": ["carols"]}'
has youtube '.simulated.thumbnailBytes == 18'
has facebook '.stopOnDeleteStream and .embeddable == false and .live_comment_moderation_setting == ["SLOW"]'
has facebook '.content_tags == ["6003139266461"] and .targeting == {"age_min": 13, "geo_locations": {"countries": ["GB"]}}'
has facebook '.crossposting_actions == [{"page_id": "104882011229999", "action": "enable_crossposting_and_create_post"}]'

# Changed: only what differs is sent; the picture is not sent again.
pictures=$(sent ' and (.path | contains("thumbnails"))')
run 0 livestream edit Carols --platform youtube:privacy=public,tags=,delay=0,latency=normal --platform facebook:crosspost= --wait=30
has youtube '.status.privacyStatus == "public" and .contentDetails.latencyPreference == "normal" and (.video | has("tags") | not)'
has youtube '.contentDetails | .monitorStream.broadcastStreamDelayMs == 0 and .enableDvr == false and .closedCaptionsType == "closedCaptionsHttpPost"'
has facebook '.crossposting_actions == [{"page_id": "104882011229999", "action": "disable_crossposting"}] and .live_comment_moderation_setting == ["SLOW"]'
[ "$(sent ' and (.path | contains("thumbnails"))')" = "$pictures" ] || fail "the picture was sent again"

# What a platform refuses costs nothing else, and is told.
run 0 livestream create --title "Vespers" --start +4d --wait=30 --platform facebook:crosspost=104882011225555,comments=FOLLOWER
run 0 livestream show Vespers --json
json '.targets[0] | .status == "pending" and (.note | contains("does not take \"crosspost\""))'
fault() { curl -sf -d "$1" "$ECCLESIA_SIM/_sim/faults" >/dev/null; }
fault '{"platform":"youtube","method":"POST","path":"/upload","kind":"status","status":403}'
run 0 livestream create --title "Evensong" --start +5d --thumbnail poster.png --platform youtube --wait=30
run 0 livestream show Evensong --json
json '.targets[0] | .status == "pending" and (.note | contains("The thumbnail was not taken"))'
# The whole path is kept: who sends it may stand elsewhere.
[ "$(jq -r .thumbnail <"$work/out")" = "$(realpath poster.png)" ] || fail "thumbnail: $(jq -r .thumbnail <"$work/out")"
