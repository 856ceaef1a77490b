<?php
// Called by judge.py as: php wordpress_import.php SITE_FOLDER PORT_OF_THE_PICTURES FILE...
// Puts WXR files into WordPress by its own functions, in the order and with the calls of the official importer (plugin
// wordpress-importer 0.8, which is in no registry here): what exists by title, date and type is skipped, terms are found
// by their slug, pictures are fetched by their address, and addresses in texts are replaced at the end.
[, $folder, $port] = $argv;
$_SERVER['HTTP_HOST'] = parse_url(getenv('SITE_URL'), PHP_URL_HOST) . ':' . parse_url(getenv('SITE_URL'), PHP_URL_PORT);
$_SERVER['REQUEST_URI'] = '/';
require "$folder/wp-load.php";
foreach (['post', 'image', 'file', 'media', 'taxonomy'] as $part) require_once ABSPATH . "wp-admin/includes/$part.php";
wp_set_current_user(1);
update_option('timezone_string', 'Europe/Berlin'); // so that local and UTC dates differ
add_filter('run_wptexturize', '__return_false'); // it changes quotation marks where texts are shown
add_filter('http_allowed_safe_ports', fn ($ports) => [...$ports, (int) $port]); // usually 80, 443 and 8080 alone
const WP = 'http://wordpress.org/export/1.2/';
const CONTENT = 'http://purl.org/rss/1.0/modules/content/';
const EXCERPT = 'http://wordpress.org/export/1.2/excerpt/';
$new_addresses = $said = [];

function fetched(string $address, array $post): array {
    global $new_addresses, $said;
    $temporary = wp_tempnam($address);
    $answer = wp_safe_remote_get($address, ['timeout' => 30, 'stream' => true, 'filename' => $temporary]);
    if (is_wp_error($answer)) return [0, $answer->get_error_message()];
    if (wp_remote_retrieve_response_code($answer) !== 200) return [0, wp_remote_retrieve_response_code($answer)];
    $name = basename(parse_url($address, PHP_URL_PATH));
    if (!wp_check_filetype($name)['type']) return [0, "WordPress does not take the type of $name"];
    $file = wp_upload_bits($name, null, file_get_contents($temporary), $post['upload_date']);
    if ($file['error']) return [0, $file['error']];
    $new_addresses[$address] = $file['url'];
    $id = wp_insert_attachment(wp_slash(['post_mime_type' => wp_check_filetype($name)['type'], 'guid' => $file['url']] + $post), $file['file']);
    wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $file['file']));
    return [$id, ''];
}

function inserted(SimpleXMLElement $item): void {
    global $said;
    $wp = $item->children(WP);
    $post = ['post_title' => (string) $item->title, 'post_content' => (string) $item->children(CONTENT)->encoded,
        'post_excerpt' => (string) $item->children(EXCERPT)->encoded, 'guid' => (string) $item->guid,
        'import_id' => (int) $wp->post_id, 'post_author' => 1];
    foreach (['post_date', 'post_date_gmt', 'comment_status', 'ping_status', 'post_name', 'post_type', 'post_password'] as $name)
        $post[$name] = (string) $wp->$name;
    $post['post_status'] = (string) $wp->status;
    $post['post_parent'] = (int) $wp->post_parent;
    if (!post_type_exists($post['post_type'])) { $said[] = "unknown type $post[post_type]"; return; }
    $same = post_exists($post['post_title'], '', $post['post_date']);
    if ($same && get_post_type($same) === $post['post_type']) { $said[] = "skipped as a duplicate: $post[post_title]"; return; }
    if ($post['post_type'] === 'attachment') {
        $post['upload_date'] = $post['post_date'];
        foreach ($wp->postmeta as $meta)
            if ((string) $meta->meta_key === '_wp_attached_file' && preg_match('#^\d{4}/\d{2}#', (string) $meta->meta_value, $match)) $post['upload_date'] = $match[0];
        [$id, $why] = fetched((string) $wp->attachment_url, $post);
        if (!$id) { $said[] = "not fetched: $wp->attachment_url ($why)"; return; }
    } else {
        $id = wp_insert_post(wp_slash($post), true);
        if (is_wp_error($id)) { $said[] = "refused: $post[post_title]: " . $id->get_error_message(); return; }
    }
    $terms = [];
    foreach ($item->category as $category) {
        if (!$category['nicename']) continue;
        $taxonomy = (string) $category['domain'] === 'tag' ? 'post_tag' : (string) $category['domain'];
        $term = term_exists((string) $category['nicename'], $taxonomy)
            ?: wp_insert_term(wp_slash((string) $category), $taxonomy, ['slug' => (string) $category['nicename']]);
        if (is_wp_error($term)) { $said[] = "refused: tag $category: " . $term->get_error_message(); continue; }
        $terms[$taxonomy][] = (int) $term['term_id'];
    }
    foreach ($terms as $taxonomy => $ids) wp_set_post_terms($id, $ids, $taxonomy);
    foreach ($wp->postmeta as $meta)
        if ((string) $meta->meta_key !== '_wp_attached_file') add_post_meta($id, wp_slash((string) $meta->meta_key), wp_slash((string) $meta->meta_value));
}

$before = get_posts(['numberposts' => -1, 'post_status' => 'any', 'fields' => 'ids']);
foreach (array_slice($argv, 3) as $path) {
    $document = new DOMDocument();
    $document->loadXML(file_get_contents($path)) or exit(1);
    if ($document->doctype) { fwrite(STDERR, "$path has a DOCTYPE\n"); exit(1); }
    $xml = simplexml_import_dom($document);
    if (!preg_match('/^\d+\.\d+$/', (string) $xml->channel->children(WP)->wxr_version)) { fwrite(STDERR, "$path is no WXR\n"); exit(1); }
    foreach ($xml->channel->item as $item) inserted($item);
}
uksort($new_addresses, fn ($a, $b) => strlen($b) - strlen($a));
foreach ($new_addresses as $old => $new)
    $wpdb->query($wpdb->prepare("UPDATE {$wpdb->posts} SET post_content = REPLACE(post_content, %s, %s)", $old, $new));
wp_cache_flush();

$rows = [];
foreach (get_posts(['numberposts' => -1, 'post_status' => 'any', 'exclude' => $before]) as $post) {
    setup_postdata($GLOBALS['post'] = $post); // what is shown may ask whose text it is
    $html = apply_filters('the_content', $post->post_content);
    preg_match_all('#href="/\?name=([^"\#]+)#', $html, $links);
    foreach (array_unique($links[1]) as $slug) // as a visitor's request is answered
        if (!(new WP_Query(['name' => $slug, 'post_status' => 'any']))->have_posts()) $said[] = "leads nowhere: /?name=$slug";
    $rows[] = ['title' => $post->post_title, 'slug' => $post->post_name, 'date' => $post->post_date_gmt, 'local_date' => $post->post_date,
        'status' => $post->post_status, 'tags' => wp_get_post_terms($post->ID, 'post_tag', ['fields' => 'names']), 'html' => $html,
        'canonical' => get_post_meta($post->ID, '_yoast_wpseo_canonical', true), 'excerpt' => $post->post_excerpt];
}
echo "\n", json_encode(['rows' => $rows, 'said' => $said, 'uploads' => wp_upload_dir()['baseurl']]);
