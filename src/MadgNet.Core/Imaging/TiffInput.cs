namespace MadgNet.Core.Imaging;

/// <summary>A TIFF that is read, from memory or from a file.</summary>
internal abstract class TiffInput : TiffSource, IDisposable
{
    /// <summary>Length of the file in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Fills a buffer from a position; false where the file ends before that.</summary>
    public abstract bool ReadAt(long offset, Span<byte> buffer);

    public override void Write(object clientData, byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("the file is open for reading");

    public override void Close(object clientData)
    {
    }

    public override long Size(object clientData) => Length;

    /// <summary>Closes the file.</summary>
    public abstract void Dispose();
}
