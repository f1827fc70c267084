using Microsoft.AspNetCore.Http;

namespace MadgNet.AspNetCore;

/// <summary>Headers that keep a browser from guessing types, framing the page, or telling other sites about it.</summary>
internal static class SafeHeaders
{
    public static void Add(IHeaderDictionary headers, string policy)
    {
        headers.ContentSecurityPolicy = policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
