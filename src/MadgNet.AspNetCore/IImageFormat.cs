using MadgNet.Core.Imaging;

namespace MadgNet.AspNetCore;

/// <summary>A format of images that a host adds to a service, such as DICOM.</summary>
/// <remarks>Called from several threads at once. Nothing may be kept of an image after the call.</remarks>
public interface IImageFormat
{
    /// <summary>What callers know it as: <c>dicom</c>.</summary>
    string Name { get; }

    /// <summary>The type that uploads declare: <c>application/dicom</c>.</summary>
    string MediaType { get; }

    /// <summary>Whether content is of this format.</summary>
    /// <param name="content">The whole file.</param>
    /// <returns>True where it is.</returns>
    bool Recognizes(ReadOnlySpan<byte> content);

    /// <summary>Reads an image.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">The service's limits.</param>
    /// <returns>The image, with what is known of its pixels' size.</returns>
    /// <exception cref="MadgNetException">The file is damaged, larger than allowed, or none that is read.</exception>
    ServedImage Read(byte[] content, string name, ImageReadOptions options);
}
