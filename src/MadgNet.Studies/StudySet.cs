namespace MadgNet.Studies;

/// <summary>A set of images and masks, which lie in <c>NAME/images</c> and <c>NAME/masks</c> below the folder of data.</summary>
/// <param name="Name">The folder's name.</param>
public sealed record StudySet(string Name)
{
    /// <summary>
    /// How many neighbours, by the number in their names, stay on one side of a split; 1 or more. More than 1 for frames of a video or
    /// slices of a volume, which resemble each other. Default 1.
    /// </summary>
    public int Consecutive { get; init; } = 1;
}
