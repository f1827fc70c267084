using MadgNet.Core.Imaging;

namespace MadgNet.Medical;

/// <summary>
/// A DICOM or NIfTI file could not be read or written. The message names the file and elements of its header, never a value that
/// belongs to the patient.
/// </summary>
public sealed class MedicalFileException : MadgNetException
{
    /// <summary>Creates the exception for one file.</summary>
    /// <param name="fault">Why the file was refused.</param>
    /// <param name="name">The file's path, or the name that the caller gave a stream.</param>
    /// <param name="received">What was found in it.</param>
    /// <param name="expected">What would have been accepted.</param>
    /// <param name="remedy">What the caller can do, as an instruction without its closing full stop.</param>
    /// <param name="innerException">The cause, where another exception was one.</param>
    public MedicalFileException(
        MedicalFileFault fault, string name, string received, string expected, string remedy, Exception? innerException = null)
        : base(new Problem(name, received, expected, remedy).ToString(), innerException)
    {
        Fault = fault;
        Name = name;
        Problem = new Problem(name, received, expected, remedy);
    }

    /// <summary>Why the file was refused.</summary>
    public MedicalFileFault Fault { get; }

    /// <summary>The file's path, or the name that the caller gave a stream.</summary>
    public string Name { get; }

    /// <summary>The parts of the message, for a report.</summary>
    public Problem Problem { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => [Problem];

    internal static MedicalFileException Damaged(string name, string received, Exception? cause = null) => new(
        MedicalFileFault.Damaged, name, received, "a complete, undamaged file", "Restore the file from its source", cause);

    /// <summary>The same refusal as the exception of Core's image readers.</summary>
    internal ImageReadException ToImageReadException() =>
        new(Name, Problem.Received, Problem.Expected, Problem.Remedy, this)
        {
            IsTooLarge = Fault == MedicalFileFault.TooLarge,
        };
}
