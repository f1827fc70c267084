namespace MadgNet.Core.Inputs;

/// <summary>How an image is brought to the size of a network. Saved with a model.</summary>
public enum ImageFit
{
    /// <summary>Height and width are resized to the size, whatever the aspect ratio. The published protocol.</summary>
    Resize,

    /// <summary>
    /// The image is resized to fit into the size with its aspect ratio kept, put into the middle and surrounded by zeros (letterbox).
    /// Results are cut out and resized back.
    /// </summary>
    Letterbox,
}
