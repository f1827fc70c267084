namespace MadgNet.Core.Imaging;

/// <summary>Reads image files. A host implements it to add a format such as DICOM, and hands it to <see cref="ImageReader"/>.</summary>
/// <remarks>Implementations are called from several threads at once.</remarks>
public interface IImageReader
{
    /// <summary>The extensions that mark a file as one for this reader, in lower case with their dot: <c>.png</c>.</summary>
    IReadOnlyCollection<string> Extensions { get; }

    /// <summary>Reads one file.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="options">What the reader is told about it; null for the defaults.</param>
    /// <returns>The image.</returns>
    /// <exception cref="ImageReadException">The file is missing, damaged, of another format or larger than allowed.</exception>
    PixelImage Read(string path, ImageReadOptions? options = null);

    /// <summary>Whether content without a file name looks like this reader's format; by default it is told by the name alone.</summary>
    /// <param name="content">The whole file.</param>
    /// <returns>True where the reader wants to read it.</returns>
    bool Recognizes(ReadOnlySpan<byte> content) => false;

    /// <summary>
    /// Reads a file that is in memory: an upload, a resource, an entry of an archive. By default it is written to a temporary
    /// file and read from there; a reader that needs no file overrides this.
    /// </summary>
    /// <param name="content">The whole file.</param>
    /// <param name="name">The name that an exception gives it; its extension may tell the format.</param>
    /// <param name="options">What the reader is told about it; null for the defaults.</param>
    /// <returns>The image.</returns>
    /// <exception cref="ImageReadException">The content is damaged, of another format or larger than allowed.</exception>
    PixelImage Decode(byte[] content, string name, ImageReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(name);
        string extension = Path.GetExtension(name) is { Length: > 0 } own ? own : Extensions.FirstOrDefault() ?? "";
        string path = Path.Combine(Path.GetTempPath(), $"madgnet-{Guid.NewGuid():N}{extension}");
        try
        {
            File.WriteAllBytes(path, content);
            return Read(path, options);
        }
        catch (ImageReadException error) when (error.Name == path)
        {
            throw new ImageReadException(name, error.Problem.Received, error.Problem.Expected, error.Problem.Remedy, error)
            {
                IsTooLarge = error.IsTooLarge,
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ImageReadException(
                name, $"a temporary folder that cannot be written ({error.Message.TrimEnd('.')})", "room for a temporary file", "Free the disk, or override IImageReader.Decode", error);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Reads a file from a stream.</summary>
    /// <param name="stream">The file, from the current position to the end; it stays open.</param>
    /// <param name="name">The name that an exception gives it, and whose extension may tell the format; null for that of a
    /// <see cref="FileStream"/>, or <c>stream</c>.</param>
    /// <param name="options">What the reader is told about it; null for the defaults.</param>
    /// <returns>The image.</returns>
    /// <exception cref="ImageReadException">The stream cannot be read, or its content is damaged, of another format or larger than
    /// allowed.</exception>
    PixelImage ReadStream(Stream stream, string? name = null, ImageReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        name ??= StreamBytes.NameOf(stream);
        long limit = (options ?? ImageReadOptions.Default).MaximumBytes;
        return Decode(StreamBytes.Read(stream, name, limit, StreamBytes.Anything), name, options);
    }
}
