namespace MadgNet.Medical.Dicom;

/// <summary>
/// Unpacks frames of a compressed transfer syntax. A host implements it to add one that this package refuses, such as JPEG 2000,
/// and names it in <see cref="DicomReadOptions.Codecs"/>.
/// </summary>
/// <remarks>Implementations are called from several threads at once.</remarks>
public interface IDicomCodec
{
    /// <summary>Whether the codec unpacks a transfer syntax.</summary>
    /// <param name="transferSyntax">The syntax.</param>
    /// <returns>True where it does.</returns>
    bool Supports(TransferSyntax transferSyntax);

    /// <summary>Unpacks one frame.</summary>
    /// <param name="frame">The compressed frame, its fragments joined.</param>
    /// <param name="format">What the header says about the pixels.</param>
    /// <returns>
    /// Exactly <see cref="DicomPixelFormat.FrameBytes"/> bytes: rows from top to bottom, the samples of a pixel after one another,
    /// words with their lowest byte first, colours as the header's photometric interpretation says.
    /// </returns>
    /// <exception cref="InvalidDataException">The frame is damaged, or its size is not the header's.</exception>
    byte[] Decode(ReadOnlyMemory<byte> frame, DicomPixelFormat format);
}
