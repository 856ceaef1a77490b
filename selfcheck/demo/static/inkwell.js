// The only script of the site: the consent dialog goes away when it is answered.
document.addEventListener("click", (event) => {
  const answer = event.target.closest("[data-consent]");
  if (!answer) return;
  document.cookie = `ink_consent=${answer.dataset.consent}; path=/; samesite=lax`;
  answer.closest(".consent").remove();
});
