using Microsoft.AspNetCore.Http;

namespace MadgNet.AspNetCore;

/// <summary>An answer that is no result: a status and what the caller is told.</summary>
internal sealed class ServiceRefusal(int status, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    /// <summary>What the status means, in words that do not change from one answer to the next.</summary>
    public static string Title(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request cannot be understood.",
        StatusCodes.Status406NotAcceptable => "The service has no such form of an answer.",
        StatusCodes.Status408RequestTimeout => "The image came too slowly.",
        StatusCodes.Status413PayloadTooLarge => "The image is too large.",
        StatusCodes.Status415UnsupportedMediaType => "The service does not read this format.",
        StatusCodes.Status422UnprocessableEntity => "The image cannot be segmented.",
        StatusCodes.Status429TooManyRequests => "The service is busy.",
        StatusCodes.Status503ServiceUnavailable => "The service is not ready.",
        _ => "The service failed.",
    };
}
