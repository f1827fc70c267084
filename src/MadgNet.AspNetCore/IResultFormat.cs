using MadgNet.Core.Inference;

namespace MadgNet.AspNetCore;

/// <summary>A form of an answer that a host adds to a service, such as NIfTI or DICOM SEG.</summary>
/// <remarks>Called from several threads at once. Nothing may be kept of an image after the call.</remarks>
public interface IResultFormat
{
    /// <summary>The value of <c>output</c> that asks for it: <c>nifti</c>.</summary>
    string Name { get; }

    /// <summary>The type of the answer, by which <c>Accept</c> asks for it: <c>application/x-nifti</c>.</summary>
    string MediaType { get; }

    /// <summary>The extension of a file with it: <c>.nii.gz</c>.</summary>
    string Extension { get; }

    /// <summary>Writes an answer.</summary>
    /// <param name="image">The image that was segmented.</param>
    /// <param name="prediction">What was found in it, with the caller's threshold.</param>
    /// <param name="labels">The numbers of the labels that the caller wants, from 0.</param>
    /// <param name="names">The names of all labels.</param>
    /// <returns>The whole file.</returns>
    /// <exception cref="MadgNetException">The image is none that the form fits; the message is for the caller.</exception>
    byte[] Write(ServedImage image, Prediction prediction, IReadOnlyList<int> labels, IReadOnlyList<string> names);
}
